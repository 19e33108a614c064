package embed

import (
	"bytes"
	_ "embed" // for the document
	"encoding/json"
)

//go:embed openapi.json
var openAPI []byte

// exampleServer is the address in the document as it lies in docs/.
const exampleServer = "https://inbox.example.blog"

// OpenAPI gives the description of the read interface (OpenAPI 3.1) for the daemon at an address without a closing slash. Package
// comments tests that real answers are as it says.
func OpenAPI(server string) ([]byte, error) {
	quoted, err := json.Marshal(server)
	if err != nil {
		return nil, err
	}
	return bytes.Replace(openAPI, []byte(`"`+exampleServer+`"`), quoted, 1), nil
}
