namespace AdminPortal.Access;

/// <summary>Marks what somebody may do who has no second factor yet where one is required: setting it up, and leaving.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class WithoutSecondFactorAttribute : Attribute;
