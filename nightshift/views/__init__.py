"""How a flow and the parts are shown: outline, graph, permissions, pages."""
