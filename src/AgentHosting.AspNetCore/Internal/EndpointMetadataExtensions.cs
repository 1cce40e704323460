using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Describes an endpoint whose handler is a plain <see cref="RequestDelegate"/>, so that it appears in API descriptions like any other.</summary>
internal static class EndpointMetadataExtensions
{
    /// <summary>Adds the signature by which the endpoint is described. It is never called.</summary>
    /// <remarks>API descriptions skip endpoints without a <see cref="MethodInfo"/> and take parameters from binding metadata, which only handlers bound by parameter have.</remarks>
    public static IEndpointConventionBuilder WithSignature(this IEndpointConventionBuilder builder, Delegate signature)
    {
        var method = signature.Method;
        builder.WithMetadata(method);
        foreach (var parameter in method.GetParameters())
        {
            builder.WithMetadata(new SignatureParameter(parameter));
        }

        return builder;
    }

    public static IEndpointConventionBuilder WithResponse<T>(this IEndpointConventionBuilder builder, int status, string contentType = "application/json") =>
        builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), [contentType]));

    public static IEndpointConventionBuilder WithEmptyResponse(this IEndpointConventionBuilder builder, int status) =>
        builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(void)));

    public static IEndpointConventionBuilder WithProblems(this IEndpointConventionBuilder builder, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            builder.WithResponse<Problem>(status, "application/problem+json");
        }

        return builder;
    }
}
