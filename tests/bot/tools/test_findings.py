from bot.tools.findings import Finding, Level, fault, good, warning


def test_findings_when_made_carry_their_mark():
    assert good("disk", "fine") == Finding(Level.GOOD, "disk", "fine", "")
    assert warning("disk", "little", "free some").level.value == "!"
    assert fault("disk", "full", "free some") == Finding(Level.FAULT, "disk", "full", "free some")
