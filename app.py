"""The web app for `streamlit run app.py`; `breeder serve` starts the same."""

from breeder.ui.server import create_app

app = create_app()
