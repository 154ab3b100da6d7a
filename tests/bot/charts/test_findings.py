from matplotlib.axes import Axes

from bot.charts.canvas import empty_figure
from bot.charts.findings import draw_findings
from bot.desk import ChartData
from engine.domain.setup import EvidenceKind
from tests.bot.charts.chart_kit import busy_chart, evidence


def draw(data: ChartData) -> Axes:
    axes = empty_figure(500).add_axes((0, 0, 1, 1))
    axes.set_ylim(90, 110)
    draw_findings(axes, data, 104.0)
    return axes


def labels(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_findings_when_drawn_are_named():
    found = tuple(
        evidence(kind)
        for kind in (
            EvidenceKind.OB,
            EvidenceKind.FVG,
            EvidenceKind.BOS,
            EvidenceKind.CHOCH,
            EvidenceKind.SWEEP,
            EvidenceKind.SWING,
        )
    )

    axes = draw(busy_chart(evidence=found))

    assert sorted(labels(axes)) == ["BOS", "CHoCH", "FVG", "OB", "sweep"]
    assert len(axes.patches) == 2


def test_zone_when_older_than_the_picture_starts_at_its_edge_and_a_mark_is_left_out():
    old = (evidence(EvidenceKind.OB, -500), evidence(EvidenceKind.SWEEP, -500))

    axes = draw(busy_chart(evidence=old))

    assert labels(axes) == ["OB"]
    assert axes.patches[0].get_x() == -0.5


def test_findings_when_outside_the_price_range_are_left_out():
    axes = draw(busy_chart(evidence=(evidence(EvidenceKind.OB, top=200.0, bottom=190.0),)))

    assert labels(axes) == []


def test_findings_when_there_are_too_many_keep_the_newest():
    many = tuple(evidence(EvidenceKind.FVG, i) for i in range(80))

    axes = draw(busy_chart(evidence=many))

    assert len(axes.patches) == 6
    assert {round(p.get_x() + 0.5) for p in axes.patches} == set(range(74, 80))
