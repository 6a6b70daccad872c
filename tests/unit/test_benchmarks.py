"""The benchmarks' own words: what is compared, and what is said of it."""

import pytest

from benchmarks.harness import Benchmark, Result, Sample, Variant, choose_variants
from benchmarks.report import render_results


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
    results = [
        make_result("plain", events=None, seconds=1.0),
        make_result("ours", events=5, seconds=2.0),
        make_result("a peer", events=0, seconds=1.0),
    ]

    _, _, plain, ours, peer = render_results("work", results).strip().split("\n")[2:7]

    assert "**1.00**" in plain
    assert "**2.00**" in ours
    assert "no event" in peer
    assert "1.00" not in peer


def test_one_variant_can_be_measured_beside_the_first(benchmark_of_three):
    chosen = choose_variants(benchmark_of_three, ["peer"])

    assert [variant.name for variant in chosen.variants] == ["plain", "a peer"]
