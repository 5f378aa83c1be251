"""What is measured: each number declared once."""
