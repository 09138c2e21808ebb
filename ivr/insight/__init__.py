"""Figures from what happened. Pure: records in, figures out."""
