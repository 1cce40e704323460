using System.Net;

namespace AgentHosting.NetworkSafety;

/// <summary>A request of a tool that was refused for where it goes. The message names no address, so that a model cannot map an internal network with it.</summary>
public sealed class NetworkAccessDeniedException : HttpRequestException
{
    /// <summary>Creates the exception with a default message.</summary>
    public NetworkAccessDeniedException()
        : base("Access to the network was refused.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public NetworkAccessDeniedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public NetworkAccessDeniedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The host that was asked for.</summary>
    public string? Host { get; init; }

    /// <summary>The address that was refused, for logs; <see langword="null"/> when it did not come to one.</summary>
    public IPAddress? Address { get; init; }
}
