namespace AgentHosting.Failures;

/// <summary>What a failed model call means for the stages that must decide what to do next.</summary>
public enum ChatFailureKind
{
    /// <summary>Nothing that is known here. Treated like <see cref="Transient"/> by a fallback and like <see cref="BadRequest"/> by a retry.</summary>
    Unknown = 0,

    /// <summary>The provider or the way to it failed for now: 408, 409, 5xx, a broken connection, a body that is no JSON, a stream that ended early.</summary>
    Transient = 1,

    /// <summary>The provider asks to come back later: 429, or 503 with a delay.</summary>
    RateLimited = 2,

    /// <summary>The request does not fit the model's context window, or is too large (413). Another model may take it.</summary>
    ContextWindow = 3,

    /// <summary>The provider's content filter refused the request. Another provider may take it.</summary>
    ContentFilter = 4,

    /// <summary>The key is wrong, lacks a right, or its quota is used up: 401, 402, 403, and 429 with <c>insufficient_quota</c>.</summary>
    Authentication = 5,

    /// <summary>The request itself is wrong: 400, 404, 405, 422 and other 4xx. It fails the same way wherever it is sent.</summary>
    BadRequest = 6,

    /// <summary>The caller cancelled. Nobody's failure.</summary>
    Cancelled = 7,

    /// <summary>A time limit passed, of ours or of the HTTP client.</summary>
    TimedOut = 8,

    /// <summary>A stage of ours refused the call (<see cref="AgentRequestRejectedException"/>): a budget, a rate limit, an open breaker. Not the provider's failure.</summary>
    Rejected = 9,
}
