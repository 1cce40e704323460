namespace AgentHosting.Failures.Internal;

/// <summary>What an exception of a provider's client knows about the HTTP response behind it.</summary>
/// <param name="Status">The HTTP status; <see langword="null"/> when there was no response.</param>
/// <param name="ErrorCode">The provider's error code, where the client has read it.</param>
/// <param name="Body">The body of the response, where the client has kept it.</param>
/// <param name="Header">Reads a header, where the client has kept them.</param>
internal readonly record struct ProviderResponse(int? Status, string? ErrorCode = null, string? Body = null, Func<string, string?>? Header = null);
