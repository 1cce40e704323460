namespace AgentHosting.Testing.Internal;

/// <summary>An error in OpenAI's shape. Without a type it is the one that OpenAI sends with the status.</summary>
internal sealed record WireError(int Status, string Message, string? Code = null, string? Param = null, string? Type = null)
{
    public string TypeOrDefault => Type ?? Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
