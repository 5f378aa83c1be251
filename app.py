"""Mingzhang 明账: `streamlit run app.py`."""

import streamlit as st

if __name__ == "__main__":  # Streamlit runs this file once per click
    from lib.ui.shell import main

    main()
else:  # the server imports it once
    from lib.ui.web import house

    app = st.App(__file__, **house())
