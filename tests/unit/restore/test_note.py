from srlib.restore.note import Note


def test_a_note_says_all_that_a_reader_must_know():
    said = Note("vdsr", "ab" * 32, 4).sentence
    assert all(word in said for word in ("NOT FOR DIAGNOSIS", "x4", "vdsr", "ab" * 32, "estimated"))
    assert said.isascii() and "\n" not in said
