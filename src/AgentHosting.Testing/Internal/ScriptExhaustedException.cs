namespace AgentHosting.Testing.Internal;

/// <summary>Its own type so that the server can answer with a status that the OpenAI SDK does not retry.</summary>
internal sealed class ScriptExhaustedException(int turns, int call) : InvalidOperationException(
    $"The script has {turns} {(turns == 1 ? "turn" : "turns")} and this is call {call}. Add a turn, set Repeat = true, or use a script function.");
