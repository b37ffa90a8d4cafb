namespace AdminPortal.Features.Api;

/// <summary>What a parameter takes, for the document: parameters are bound as text, so that what is wrong can be said in words.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ApiValueAttribute : Attribute
{
    /// <summary>One of the names of this enumeration.</summary>
    public Type? OneOf { get; set; }

    public bool IsId { get; set; }

    public bool IsFlag { get; set; }

    public bool IsLimit { get; set; }
}
