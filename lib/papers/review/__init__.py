"""The weekly review as a file: PDF, slides, workbook, one HTML page and a brief text, all of one pack and in the same words."""
