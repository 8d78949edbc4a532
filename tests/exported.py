"""Reads the files that people take away, as a program would."""

import csv
import io

import openpyxl


def body_of(answer):
    assert answer.status_code == 200, answer.content
    return b"".join(answer) if answer.streaming else answer.content


def csv_rows(answer):
    """The cells as they stand in the file, by heading."""
    return list(csv.DictReader(io.StringIO(body_of(answer).decode("utf-8-sig"), newline="")))


def sheet(answer):
    return openpyxl.load_workbook(io.BytesIO(body_of(answer))).worksheets[0]


def take(client, name, query=""):
    return csv_rows(client.get(f"/exports/{name}/?format=csv&{query}"))
