using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>A parameter of the signature by which an endpoint is described.</summary>
internal sealed class SignatureParameter(ParameterInfo parameter) : IParameterBindingMetadata
{
    public string Name => parameter.Name!;

    public bool HasTryParse => false;

    public bool HasBindAsync => false;

    public ParameterInfo ParameterInfo => parameter;

    public bool IsOptional => parameter.HasDefaultValue;
}
