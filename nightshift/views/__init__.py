"""How a flow and the parts are shown: graph, permissions, pages."""
