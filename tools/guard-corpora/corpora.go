// Package corpora only names the modules whose rules and samples the input guard is measured with.
package corpora

import (
	_ "github.com/corazawaf/coraza-coreruleset/v4"
	_ "github.com/corazawaf/libinjection-go"
)
