namespace AgentHosting.Testing.Internal;

internal sealed record ExchangeResult(RequestOutcome Outcome, Exception? Error);
