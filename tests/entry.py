"""The app as AppTest runs it: beside no pages folder, so that Streamlit finds no page on its own."""

from lib.ui.shell import main

main()
