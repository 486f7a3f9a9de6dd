"""The web app: pages, one typed state object, and the few browser components with their assets."""
