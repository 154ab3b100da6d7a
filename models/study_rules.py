"""How a study is made."""

from dataclasses import dataclass, field

from models.schema import SCHEMAS, SMC12_V1, Schema
from models.training import TreeParams


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRules:
    """How a study is made.

    Attributes:
        embargo_ms: between training and test rows.
        folds: test blocks of the walk.
        seed: of LightGBM and of the bootstrap.
        trees: shape of the trees.
        tried: shapes tried before this one was chosen; the card counts them.
        schema: name of the features learnt from.
    """

    embargo_ms: int
    folds: int = 5
    seed: int = 1
    trees: TreeParams = field(default_factory=TreeParams)
    tried: int = 1
    schema: str = SMC12_V1.name

    @property
    def features(self) -> Schema:
        """The features learnt from."""
        return SCHEMAS[self.schema]
