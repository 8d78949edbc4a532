"""LeadFlow's Markov beside the field's packages, where they are installed; they are no part of LeadFlow.

pip install numpy channelattribution marketing-attribution-models    # in an environment of its own
PYTHONPATH=. python -m benchmarks.attribution_peers
"""

import importlib.util
from collections import Counter
from itertools import pairwise

from reports.attribution.credit import credit
from reports.attribution.journeys import Journeys

PATHS = 20_000
MILLION = 1_000_000
JOINT = " > "


def paths() -> Counter[tuple[str, bool]]:
    """Made-up paths without a channel that follows itself, each with whether it converted."""
    import numpy as np  # noqa: PLC0415

    from benchmarks.chains import some_channels  # noqa: PLC0415

    chance = np.random.default_rng(7)
    counted: Counter[tuple[str, bool]] = Counter()
    for length in chance.geometric(0.3, PATHS).tolist():
        channels = [f"c{one}" for one in some_channels(length, chance).tolist()]
        once = [one for place, one in enumerate(channels) if place == 0 or one != channels[place - 1]]
        counted[JOINT.join(once), bool(chance.random() < 0.05 * len(set(once)))] += 1
    return counted


def ours(counted: Counter[tuple[str, bool]], model: str) -> dict[str, float]:
    rows = list(counted.items())
    journeys = Journeys.of(
        [path.split(JOINT) for (path, _), _ in rows],
        conversions=[times if won else 0 for (_, won), times in rows],
        values=[0] * len(rows),
        nulls=[0 if won else times for (_, won), times in rows],
    )
    return dict(zip(journeys.channels, map(float, credit(journeys, model).conversions), strict=True))


def of_marketing_attribution_models(counted: Counter[tuple[str, bool]]) -> dict[str, float]:
    """What it calls Markov is split deal by deal. Version 2.1."""
    import pandas as pd  # noqa: PLC0415
    from mam import MAM  # noqa: PLC0415

    rows = [(path, won, times) for (path, won), times in counted.items()]
    models = MAM(
        pd.DataFrame(rows, columns=["channels", "converted", "times"]),
        format_type="grouped_journey",
        channels_colname="channels",
        journey_with_conv_colname="converted",
        occurrences_colname="times",
    )
    found = models.run_markov().to_pandas()
    return dict(zip(found["channels"], found["attribution"], strict=True))


def of_channelattribution(counted: Counter[tuple[str, bool]]) -> dict[str, float]:
    import pandas as pd  # noqa: PLC0415
    from ChannelAttribution import markov_model  # noqa: PLC0415

    table = pd.DataFrame(
        [(path, times * won, times * (not won)) for (path, won), times in counted.items()],
        columns=["path", "conversions", "nulls"],
    )
    found = markov_model(
        table, "path", "conversions", var_null="nulls", sep=">", nsim_start=1e6, conv_par=0.005, flg_pro=False
    )
    column = next(name for name in found.columns if "conversion" in name)
    return dict(zip(found["channel_name"], found[column], strict=True))


def time_beside_channelattribution() -> None:
    """Markov of order 1 over the same million journeys, one row each: ChannelAttribution's as text, ours as counted."""
    import pandas as pd  # noqa: PLC0415
    from ChannelAttribution import markov_model  # noqa: PLC0415

    from benchmarks.chains import made_up  # noqa: PLC0415
    from benchmarks.figures import times_of  # noqa: PLC0415
    from reports.attribution.markov import removal_effects  # noqa: PLC0415

    journeys = made_up(MILLION)
    names = [journeys.channels[touch] for touch in journeys.touches.tolist()]
    bounds = pairwise(journeys.offsets.tolist())
    table = pd.DataFrame(
        {
            "path": [JOINT.join(names[begin:end]) for begin, end in bounds],
            "conversions": journeys.conversions,
            "nulls": journeys.nulls,
        }
    )
    own = times_of(lambda: removal_effects(journeys), repeat=5, warm_up=1).median
    theirs = times_of(
        lambda: markov_model(table, "path", "conversions", var_null="nulls", sep=">", flg_pro=False), repeat=3
    ).median
    print(f"1,000,000 journeys: {own:.3f} s, ChannelAttribution {theirs:.2f} s, {theirs / own:.0f} times as long.")


def main() -> None:
    counted = paths()
    for module, model, theirs in (
        ("mam", "markov_by_deal", of_marketing_attribution_models),
        ("ChannelAttribution", "markov", of_channelattribution),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"{module} is not installed.")
            continue
        found, exact = theirs(counted), ours(counted, model)
        large = [channel for channel in exact if exact[channel] >= 0.05 * sum(exact.values())]
        differs = max(abs(found[channel] / exact[channel] - 1) for channel in large)
        if module == "ChannelAttribution":
            time_beside_channelattribution()
        print(f"{module} and {model}: at most {differs:.1e} apart on the {len(large)} channels with 5 % or more.")


if __name__ == "__main__":
    main()
