module bulwark/guard-corpora

go 1.24.6

require (
	github.com/corazawaf/coraza-coreruleset/v4 v4.25.0
	github.com/corazawaf/libinjection-go v0.3.5
)

require github.com/magefile/mage v1.17.0 // indirect
