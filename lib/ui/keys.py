"""What the keyboard does beyond Streamlit: what is being typed is handed over by Ctrl+S, at each pause, and when the page is left."""

from __future__ import annotations

import streamlit as st


def mount(form: str, focus: str | None = None) -> None:
    """Once per form. `focus`: the key of a field that gets the cursor when the form opens."""
    _keys(data={"focus": focus}, key=f"form_keys_{form}", height=1)


# Streamlit sends a field when the cursor leaves it: without this, Ctrl+S saves and a reload keeps all but the last words. What is sent
# while the page is already going may never be run by a busy server; so long texts, which know no `live`, are sent at each pause as well.
_keys = st.components.v2.component(
    "mingzhang_form_keys",
    js="""
export default function ({ data }) {
  const handOver = () => {
    const at = document.activeElement
    if (at && ['INPUT', 'TEXTAREA'].includes(at.tagName)) at.blur()
  }
  let pause
  const typed = (event) => {
    if (event.target.tagName !== 'TEXTAREA') return
    clearTimeout(pause)
    // The key comes up again: one that stays down would keep every shortcut from being heard.
    pause = setTimeout(() => ['keydown', 'keyup'].forEach((kind) => event.target.dispatchEvent(
      new KeyboardEvent(kind, { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }))), 400)
  }
  const pressed = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault()
      handOver()
    }
  }
  document.addEventListener('input', typed, true)
  document.addEventListener('keydown', pressed, true)
  window.addEventListener('beforeunload', handOver)
  if (data.focus && window.mingzhangFocus !== data.focus) {
    const field = document.querySelector(`.st-key-${data.focus} input`)
    if (field) field.focus()
  }
  window.mingzhangFocus = data.focus
  return () => {
    document.removeEventListener('input', typed, true)
    document.removeEventListener('keydown', pressed, true)
    window.removeEventListener('beforeunload', handOver)
  }
}
""",
)
