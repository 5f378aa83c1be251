"""Papers that leave the house: customer statement, invoice and evidence pack as PDF, in Chinese and English, fonts embedded.

Python says what stands on a paper, `paper.typ` how it looks. Text of customers goes in as data and is never read as markup.
"""
