"""The parts of toolchain/install, toolchain/lock and toolchain/notices. Python 3.11, standard library only."""
