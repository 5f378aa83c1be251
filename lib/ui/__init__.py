"""The only Streamlit and Altair code: session, cards, tables, charts, forms."""
