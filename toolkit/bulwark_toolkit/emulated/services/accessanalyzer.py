from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row

_LACKING: Final = "answers 404: it has no Access Analyzer"

ROWS: Final = {
    "aws:accessanalyzer/analyzer:Analyzer": Row(
        calls=(
            Call(
                "accessanalyzer.CreateAnalyzer",
                {
                    "analyzerName": "analyzerName",
                    "type": "type",
                    "configuration": "configuration",
                    "tags": "tags",
                },
                gives={"arn": "arn"},
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "accessanalyzer.GetAnalyzer",
                {"analyzerName": "analyzerName"},
                {
                    "analyzer.type": "type",
                    "analyzer.configuration": "configuration",
                    "analyzer.tags": "tags",
                },
                lacking=_LACKING,
            ),
        ),
    ),
}
