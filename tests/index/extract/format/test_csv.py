"""CSV and TSV."""

from __future__ import annotations

import pytest

from index.load.documents import load_bytes

_EXPECTED = "Region | Sales\nRegion: North | Sales: 12\nRegion: South, west | Sales: 7"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("north.csv", b'Region,Sales\r\nNorth,12\r\n"South, west",7\r\n'),
        ("north.csv", b"Region;Sales\nNorth;12\nSouth, west;7\n"),
        ("north.tsv", b"Region\tSales\nNorth\t12\nSouth, west\t7"),
        ("north.csv", b"\xef\xbb\xbfRegion|Sales\nNorth|12\nSouth, west|7"),
        ("north.csv", 'Region,Sales\nNorth,12\n"South, west",7\n'.encode("utf-16")),
        ("north.csv", b'sep=;\r\nRegion;Sales\r\nNorth;12\r\n"South, west";7\r\n'),
        ("north.csv", b'Region,Sales\0\nNorth,12\n"South,\nwest",7\n'),
    ],
)
def test_the_delimiter_and_the_encoding_are_found(name: str, data: bytes) -> None:
    loaded = load_bytes(data, name)
    assert loaded.text == _EXPECTED
    assert loaded.media_type == "text/csv"
    assert loaded.title == "north"
    assert loaded.pages == ()


@pytest.mark.parametrize(
    ("data", "first", "last"),
    [
        (
            "2021-03-01;4,2;north\n2021-03-02;5,1;south\n",
            "2021-03-01 | 4,2 | north",
            "2021-03-02 | 5,1 | south",
        ),
        (
            "Datum;Preis, netto;Ort\n2021-03-01;4,20;Kiel\n",
            "Datum | Preis, netto | Ort",
            "Datum: 2021-03-01 | Preis, netto: 4,20 | Ort: Kiel",
        ),
        ("4,20;5,10\n3,90;2,80\n", "4,20 | 5,10", "3,90 | 2,80"),
        ("Name,Height\nAsh,4\nElm,5\n", "Name | Height", "Name: Elm | Height: 5"),
    ],
)
def test_a_decimal_comma_divides_no_cells(data: str, first: str, last: str) -> None:
    lines = load_bytes(data.encode(), "a.csv").text.split("\n")
    assert lines[0] == first
    assert lines[-1] == last


def test_a_stray_quotation_mark_does_not_swallow_the_rest() -> None:
    rows = b'Item,Size\nscreen,"17\n' + b"cable,2\n" * 200
    lines = load_bytes(rows, "a.csv").text.split("\n")
    assert lines[1:3] == ["Item: screen | Size: 17", "Item: cable | Size: 2"]
    assert len(lines) == 202


def test_one_column_is_a_list_of_lines() -> None:
    assert load_bytes(b"Names\nAda\nBo, Jr.\n", "names.csv").text == "Names\nAda\nBo, Jr."


def test_excels_media_type_for_csv_is_not_believed() -> None:
    stated = "application/vnd.ms-excel"
    assert load_bytes(b"a,b\nc,1", "a.csv", stated).media_type == "text/csv"


def test_a_cell_may_hold_a_whole_article() -> None:
    article = "word " * 40_000
    loaded = load_bytes(f"id,text\n1,{article}\n".encode(), "a.csv")
    assert loaded.text == f"id | text\nid: 1 | text: {article.strip()}"


def test_a_row_is_found_by_its_number() -> None:
    document = load_bytes(b'Region,Sales\nNorth,12\n\n"South,\nwest",7\nEast,3\n', "a.csv")
    assert [
        (document.text[start:].split("\n")[0], label) for start, label in document.locations
    ] == [
        ("Region | Sales", "row 1"),
        ("Region: North | Sales: 12", "row 2"),
        ("Region: South, west | Sales: 7", "row 4"),
        ("Region: East | Sales: 3", "row 5"),
    ]
    assert document.location_at(len(document.text) - 1) == "row 5"


def test_of_many_rows_without_headings_none_is_taken_for_them() -> None:
    """A heading is no value of its column; that of a page may be written again."""
    towns, names = ["Kiel", "Bonn", "Ulm"], ["Ada", "Bo"]
    rows = [f"{towns[n % 3]},{names[n % 2]},{n}" for n in range(100_000)]
    plain = load_bytes("\n".join(rows).encode(), "a.csv").text.split("\n")
    assert len(plain) == 100_000
    assert (plain[0], plain[-1]) == ("Kiel | Ada | 0", "Kiel | Bo | 99999")
    words = [row.rpartition(",")[0] for row in rows]
    assert load_bytes("\n".join(words).encode(), "a.csv").text.split("\n")[1] == "Bonn | Bo"
    headed = load_bytes("\n".join(["Town,Name,No", *rows]).encode(), "a.csv").text.split("\n")
    assert (headed[0], headed[-1]) == ("Town | Name | No", "Town: Kiel | Name: Bo | No: 99999")
    pages = ["Town,Name", *words[:9], "Town,Name", *words[9:20]]
    paged = load_bytes("\n".join(pages).encode(), "a.csv").text.split("\n")
    assert paged[1] == "Town: Kiel | Name: Ada"


def test_a_column_of_decimal_numbers_is_one_column() -> None:
    assert load_bytes(b"Messwert\n1,5\n2\n3,75\n", "a.csv").text == "Messwert\n1,5\n2\n3,75"
    assert load_bytes(b"a,b\n1,5\n2,5\n", "a.csv").text == "a | b\na: 1 | b: 5\na: 2 | b: 5"
