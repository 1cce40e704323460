namespace AgentHosting.Failures.Internal;

/// <summary>Exceptions that speak of a mistake in the calling program or in a client, and not of a provider.</summary>
internal static class ProgramError
{
    // ObjectDisposedException is an InvalidOperationException. A JsonException is none of these: from outside, an answer that is no JSON is the likelier cause.
    public static bool Is(Exception exception) => exception
        is ArgumentException or InvalidOperationException or NotSupportedException or NotImplementedException or NullReferenceException
        or InvalidCastException or IndexOutOfRangeException or KeyNotFoundException or FormatException or ArithmeticException;
}
