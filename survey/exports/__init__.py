"""What leaves the platform: tables with a codebook, streamed, safe to open in a spreadsheet."""

from survey.exports.codebook import TABLES, Column, codebook_rows
from survey.exports.csv_text import stream_csv

__all__ = ["TABLES", "Column", "codebook_rows", "stream_csv"]
