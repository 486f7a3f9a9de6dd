"""Families: a run's tree laid out, and the story of one picture in words, pictures and films."""
