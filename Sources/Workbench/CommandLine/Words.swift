public import ArgumentParser
public import Diffusion

// Words of the library that are arguments of commands.

extension SamplerKind: ExpressibleByArgument {}
extension ScheduleFamily: ExpressibleByArgument {}
