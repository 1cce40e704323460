using AgentHosting.ToolValidation.Internal;

namespace AgentHosting.Runs.Internal;

/// <summary>Leaves the loop, the code or the tool of a run that has to wait for an answer.</summary>
internal sealed class RunSuspendedException() : ToolPutAsideException("The run waits for an answer. Code of the run must let this exception pass.");
