"""The tickets room's routes under the agents' door."""

from flask import Blueprint

blueprint = Blueprint("tickets", __name__, url_prefix="/agent")
