using System.Security.Cryptography;

namespace AgentHosting.PayloadProtection;

/// <summary>
/// Protects what a store keeps of content (messages, answers, what tools were given and returned) before it leaves the process. Registered as a singleton, with
/// <c>UsePayloadProtector</c> or as a service; without one content is stored as it is. Called from many threads at once, for each piece of text of a stream.
/// </summary>
/// <remarks>
/// What was stored before a protector was registered is read as it is. To be switched on without a pause, the protector must first be registered in all processes that read the store:
/// one that has none fails the runs that it cannot read.
/// </remarks>
public interface IPayloadProtector
{
    /// <summary>Protects a payload. What this throws fails the command that was to store it, and nothing is stored.</summary>
    /// <param name="payload">The payload; never empty.</param>
    /// <param name="context">
    /// What it is, and whose. To be authenticated with the payload (<see cref="PayloadContext.GetAssociatedData"/>), so that what was protected for one tenant is refused in the place of another's.
    /// </param>
    /// <returns>The protected payload. The caller notes beside it that it is protected.</returns>
    byte[] Protect(ReadOnlySpan<byte> payload, PayloadContext context);

    /// <summary>Gives back what <see cref="Protect"/> was given, also where it was protected with an older key.</summary>
    /// <param name="protectedPayload">What <see cref="Protect"/> returned, unless somebody has changed the store.</param>
    /// <param name="context">What it is taken for.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="CryptographicException">
    /// It was not protected in this context, was changed, or its key is not known: reading it again would not help, so that the run that needs it fails. Throw another exception for what passes.
    /// </exception>
    byte[] Unprotect(ReadOnlySpan<byte> protectedPayload, PayloadContext context);
}
