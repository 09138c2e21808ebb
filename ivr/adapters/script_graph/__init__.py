"""A script as drawings that people who do not program can read: an overview, and the flow of each part."""

from ivr.adapters.script_graph.drawn_script import DrawnScript
from ivr.adapters.script_graph.flow import flow_of
from ivr.adapters.script_graph.graphviz import DrawingFailed, draw_svg
from ivr.adapters.script_graph.overview import OVERVIEW, overview_of

__all__ = ["OVERVIEW", "DrawingFailed", "DrawnScript", "draw_svg", "drawings", "flow_of", "overview_of"]


def drawings(drawn: DrawnScript) -> dict[str, str]:
    """Name to Graphviz text: the overview, the frame by the script's id, and every service by its own."""
    frame = {drawn.script.script_id: flow_of(drawn, "")}
    services = {each.service_id: flow_of(drawn, each.service_id) for each in drawn.script.services}
    return {OVERVIEW: overview_of(drawn), **frame, **services}
