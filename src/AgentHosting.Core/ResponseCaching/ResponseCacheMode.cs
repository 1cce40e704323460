namespace AgentHosting.ResponseCaching;

/// <summary>What one call wants of the response cache.</summary>
public enum ResponseCacheMode
{
    /// <summary>Answers from the cache when it can, and stores what it had to ask for.</summary>
    Use,

    /// <summary>Neither reads nor writes.</summary>
    Bypass,

    /// <summary>Asks the model and replaces what is stored: for the repeat of a call whose answer was rejected.</summary>
    Refresh,
}
