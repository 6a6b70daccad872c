"""The benchmarks' own words: what is compared, and what is said of it."""

import json

import pytest

from benchmarks import results
from benchmarks.harness import Benchmark, Result, Sample, Variant, choose_variants
from benchmarks.publish import write_part
from benchmarks.report import describe_results, render_results
from benchmarks.summary import render_summary


def make_variant(name):
    return Variant(name=name, prepare=lambda: None, run=lambda _: None)


@pytest.fixture
def benchmark_of_three():
    names = ("plain", "ours", "a peer")
    return Benchmark(group="group", title="work", variants=tuple(map(make_variant, names)))


def make_result(name, *, events, seconds):
    sample = Sample(wall=seconds, client=seconds, server=None)
    return Result(variant=name, statements=1, events=events, samples=[sample])


def test_who_records_nothing_gets_no_ratio():
    measured = [
        make_result("plain", events=None, seconds=1.0),
        make_result("ours", events=5, seconds=2.0),
        make_result("a peer", events=0, seconds=1.0),
    ]

    _, _, plain, ours, peer = render_results("work", measured).strip().split("\n")[2:7]

    assert "**1.00**" in plain
    assert "**2.00**" in ours
    assert "no event" in peer
    assert "1.00" not in peer


def test_one_variant_can_be_measured_beside_the_first(benchmark_of_three):
    chosen = choose_variants(benchmark_of_three, ["peer"])

    assert [variant.name for variant in chosen.variants] == ["plain", "a peer"]


def test_what_is_measured_again_takes_the_place_of_what_was_measured_before(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    for title, text in (("first", "old"), ("second", "kept"), ("first", "new")):
        results.keep_line("sqlite", json.dumps({"group": "group", "title": title, "text": text}))

    assert [table["text"] for table in results.load_tables("sqlite")] == ["new", "kept"]


def test_the_best_peer_is_one_that_leaves_events():
    measured = [
        make_result("plain Django", events=None, seconds=1.0),
        make_result("tracked", events=5, seconds=2.0),
        make_result("a trigger by hand", events=5, seconds=1.5),
        make_result("django-silent", events=0, seconds=1.0),
        make_result("django-loud", events=5, seconds=3.0),
    ]
    table = {"group": "bulk", **describe_results("update() of 5, one field", measured)}

    summary = render_summary({"postgresql": [table], "sqlite": []})

    assert "| update() of 5, one field | 2.00 | 2.7 | 1.50 | 3.00 django-loud |" in summary


def test_a_page_without_the_marks_is_left_as_it_is(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Figures\n")

    with pytest.raises(ValueError, match="needs the lines"):
        write_part(page, "summary", "text")

    assert page.read_text() == "# Figures\n"
