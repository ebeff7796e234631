"""What `make` runs, beside compilers: `python3 -m ferry_tools.NAME`, with this package's folder in PYTHONPATH.

tlc, counterexample, traces          TLC is started, read, and asked
models, model_checking, tla_modules  the models of spec/models/, and the wrong contracts and algorithms
step_names                           the header's instructions and the algorithm's actions
operations, scenarios, systematic    programs for the channel's handles
contract_outcomes, wrong_contracts   what the contract allows in them, or a wrong one would
exploration, real_threads            what the header does in them, under Relacy and on real threads
verify, tests, stress, bench         what `make` calls, each with the modules that it imports
results                              what came of each check: the line, the table, JUnit's XML, JSON
"""
