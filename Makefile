# make test is what continuous integration runs: it installs what is missing, then checks and tests everything.
.PHONY: test install check fuzz mutants demo build size bench

build: ## both programs into bin/
	go build -o bin/ ./cmd/publish ./cmd/inboxd

install: ## Debian and npm packages that the tests need, where missing
	./.ci/install

check: ## formatting, vet, staticcheck
	@out=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...

test: install check ## everything; nothing is skipped
	go test -run 'FloodOf|CrowdThrough|StrangersIn|TestCorpus$$' ./inbox # in full, which the race detector has not the time for
	go test ./publisher/mathml && go test -run 'TestMath|TestForms' ./publisher # formulas, likewise
	POSTIL_TEST_REAL=1 ./.ci/with-postgres go test -race -timeout 25m ./...

fuzz: ## every fuzz target for FUZZTIME (20s) each; FUZZ=name for some of them
	./.ci/fuzz

mutants: ## takes each protection out and wants a red test; RUN=name for some of them, PART=1/3 for the first third
	go test -C tools ./mutants
	go run -C tools ./mutants -dir .. -run '$(RUN)' -part '$(or $(PART),1/1)'

demo: ## the blog, the daemon and three pretend servers
	go run ./cmd/demo

size: ## what the elements and a thread weigh, against their budgets
	@go test -count=1 -run 'TestSize' -v ./inbox/embed ./inbox/comments | grep -E 'size:|FAIL|^ok'

bench: ## benchmarks with their ratios
	./bench/all.sh
