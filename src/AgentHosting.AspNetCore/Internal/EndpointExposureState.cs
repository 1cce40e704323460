namespace AgentHosting.AspNetCore.Internal;

/// <summary>What is known of the endpoints of one mapping.</summary>
internal enum EndpointExposureState
{
    /// <summary>Not checked yet, or found not to be in order: no request is served.</summary>
    Unchecked = 0,

    /// <summary>In order.</summary>
    Open = 1,

    /// <summary>In order for requests that arrive on a loopback address.</summary>
    OpenOnLoopback = 2,
}
