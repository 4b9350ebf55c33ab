import pytest
from block_list_world import World


@pytest.fixture
def world():
    return World()
