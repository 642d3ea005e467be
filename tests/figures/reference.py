"""Accessibility and siting by independent packages, on the instance beside this file.

`access` computes the enhanced two-step floating catchment areas, `spopt` with CBC solves the siting. Without an argument
what they give is compared with reference.json, and a difference ends with status 1; with `--write` it is written there.
`cargo test -p portrea-tests --test figures` compares our own figures with the same file, without Python.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pulp
from access import fca, weights
from spopt.locate import MCLP, PMedian

HERE = Path(__file__).parent
TOLERANCE = 1e-9


def accessibility(instance):
    """Weekly hours within reach per 1,000 people concerned, by commune, for each set of bands."""
    codes = [commune["code"] for commune in instance["communes"]]
    demand = pd.DataFrame({"geoid": codes, "people": [float(c["concerned"]) for c in instance["communes"]]})
    hours = {}
    for service in instance["services"]:
        hours[service["commune"]] = hours.get(service["commune"], 0.0) + service["hours"]
    supply = pd.DataFrame({"geoid": list(hours), "hours": list(hours.values())})
    absent = {tuple(pair) for pair in instance["absent"]}
    cost = pd.DataFrame(
        [
            (origin, dest, minutes)
            for origin, row in zip(codes, instance["minutes"])
            for dest, minutes in zip(codes, row)
            if (origin, dest) not in absent
        ],
        columns=["origin", "dest", "cost"],
    )
    found = []
    for bands in instance["bands"]:
        steps = {band["minutes"]: band["weight"] for band in bands}
        series = fca.two_stage_fca(
            demand.set_index("geoid"),
            supply.set_index("geoid"),
            cost,
            max_cost=max(steps),
            demand_index=True,
            demand_name="people",
            supply_index=True,
            supply_name="hours",
            cost_origin="origin",
            cost_dest="dest",
            cost_name="cost",
            weight_fn=weights.step_fn(steps),
        )
        found.append({code: 1000.0 * float(series.get(code, 0.0)) for code in codes})
    return found


def siting(instance):
    """The objective for each number of new places, beside those that exist."""
    cost = np.array(instance["minutes"])
    people = np.array([float(commune["population"]) for commune in instance["communes"]])
    here = np.array([1 if c["code"] in instance["existing"] else 0 for c in instance["communes"]])
    solver = pulp.PULP_CBC_CMD(msg=False, threads=1)
    covered_now = float(people[cost[:, here == 1].min(axis=1) <= instance["radius"]].sum())
    found = []
    for count in range(1, 6):
        places = int(here.sum()) + count
        covering = MCLP.from_cost_matrix(cost, people, instance["radius"], places, predefined_facilities_arr=here)
        covering = covering.solve(solver)
        median = PMedian.from_cost_matrix(cost, people, places, predefined_facilities_arr=here).solve(solver)
        found.append(
            {
                "count": count,
                "newlyCovered": float(pulp.value(covering.problem.objective)) - covered_now,
                "personMinutes": float(pulp.value(median.problem.objective)),
            }
        )
    return {"coveredNow": covered_now, "plans": found}


def differences(one, other, path=""):
    """Every number that differs by more than the tolerance."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [line for key in one for line in differences(one[key], other[key], f"{path}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for key, pair in enumerate(zip(one, other)) for line in differences(*pair, f"{path}/{key}")]
    if isinstance(one, float) and isinstance(other, float):
        return [] if abs(one - other) <= TOLERANCE * (1.0 + abs(one)) else [f"{path}: {one} and {other}"]
    return [] if one == other else [f"{path}: {one} and {other}"]


def main():
    instance = json.loads((HERE / "instance.json").read_text())
    found = {"accessibility": accessibility(instance), "siting": siting(instance)}
    reference = HERE / "reference.json"
    if "--write" in sys.argv:
        reference.write_text(json.dumps(found, indent=1) + "\n")
        return
    wrong = differences(json.loads(reference.read_text()), found)
    print("\n".join(wrong) or "access and spopt still say what is frozen in tests/figures/reference.json")
    sys.exit(1 if wrong else 0)


main()
